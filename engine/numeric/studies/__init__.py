"""Studies of the methods: their time, their error, and the Taylor test."""
