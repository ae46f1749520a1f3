"""Questions to the past and the future: who wrote, who reads, what changed, what differs."""
