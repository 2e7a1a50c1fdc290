# strategy: nothing yet
