"""The benchmark: every test case under every prompt label, asked several times, judged while asking goes on."""
