# strategy/indicator: nothing yet
