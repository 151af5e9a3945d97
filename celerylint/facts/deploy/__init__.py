"""What deployment files say is started: compose, Procfile, Dockerfile, Kubernetes, Helm, systemd, supervisor, shell...

``kinds`` tells which file is of which kind, ``read`` reads one file to ``Workload`` statements, the other modules are
the readers, one for each kind of file.
"""
