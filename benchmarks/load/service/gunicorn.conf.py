"""What GUNICORN_CMD_ARGS leaves open."""

worker_tmp_dir = "/dev/shm"
control_socket_disable = True
