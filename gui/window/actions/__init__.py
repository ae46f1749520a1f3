"""The actions: a table of rows, their QActions, and the menus made from them."""
