"""From released answers to a board report: words, blocks, page, files, manifest."""
