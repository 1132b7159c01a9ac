// NIO's embedded event loops, for tests that move time by hand.
