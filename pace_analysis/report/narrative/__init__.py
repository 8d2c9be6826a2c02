"""The author's words: where they are, which of their numbers no fact vouches for, what a new quarter asks of them."""
