"""Words on screen that more than one window says: translation without Qt at hand, and times as people say them."""
