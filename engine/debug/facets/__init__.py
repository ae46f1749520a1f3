"""What a program's parameters, gradients, passes, loss and layers are, found out by data flow."""
