"""What happened: answers and what judging found, in the leaderboard's files and as one data frame."""
