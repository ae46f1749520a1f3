"""The figures that the README quotes, and the pictures: `make bench`, `make screenshots`."""
