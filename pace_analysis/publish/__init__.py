"""The gate between what is known of children and what anybody may read."""
