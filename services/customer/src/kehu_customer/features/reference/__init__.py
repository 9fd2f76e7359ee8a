"""What codes mean, in Chinese and English."""
