"""The glossary in the window: a card beside a term, and a dialog with all of them."""
