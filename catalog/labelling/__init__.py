"""The labels of the project: joining them with definitions again, and taking them from one's own catalogue."""
