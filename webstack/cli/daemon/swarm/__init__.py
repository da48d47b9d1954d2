"""Makes machines a swarm of Docker's, and tells how its nodes and services are."""
