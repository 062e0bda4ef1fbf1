"""Records: what happened to every visit, offer and case, as the pages read it."""
