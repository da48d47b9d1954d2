# What services start from, to run and to be built: a base image, and the package that Python services
# share. Compiled here, since nothing can be written where it runs.
ARG BASE
FROM ${BASE}
COPY webstack_service /opt/webstack/webstack_service
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/webstack
ENV PYTHONPATH=/opt/webstack
