"""What a sweep says, in words and tables for people and as JSON for programs: the same verdict in both."""
