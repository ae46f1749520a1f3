"""Any panel alone, in each of its forms: `python -m gui.gallery VIEW --form FORM --theme light`."""
