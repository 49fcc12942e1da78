# The worker, and the command line beside it: docker compose exec worker python starter.py …
FROM python:3.13.9-slim
RUN useradd --create-home --uid 10001 tirek && mkdir /data && chown tirek /data
WORKDIR /tirek
COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY . .
USER tirek
ENTRYPOINT ["python"]
CMD ["worker.py"]
