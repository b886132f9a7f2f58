"""What training rows share with test cases that must stay unseen."""
