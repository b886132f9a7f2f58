"""The Julia part of the judge: finding and installing Julia, and the harness that runs an answer."""
