"""What commands answer: replies, status, board, status line, progress."""
