"""Words at every event: what has happened there, in one sentence, and what comes next."""
