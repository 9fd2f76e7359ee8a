"""What codes mean, in Chinese and English; every other feature may build on it."""
