"""Many servers side by side, an outcome for each."""
