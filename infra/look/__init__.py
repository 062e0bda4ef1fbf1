"""What all pages share: the frame around them, their look, who sits before them, what wakes them."""
