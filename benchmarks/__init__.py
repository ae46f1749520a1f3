"""The figures of docs/figures.md, and the pictures: `make bench`, `make screenshots`."""
