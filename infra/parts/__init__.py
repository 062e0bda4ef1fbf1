"""The real parts that `liuzhu up` and the tests start by themselves: Kafka, PostgreSQL, npm, Chromium."""
