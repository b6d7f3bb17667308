# syntax=docker/dockerfile:1
# Beckon in one image: `docker run -p 3000:3000 -v beckon:/data IMAGE`. Other commands: `docker run … IMAGE db migrate`.
FROM node:26-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Without install scripts: none of what is bundled needs one, and the image has its own Node.js.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node tools/bundle.ts /out

FROM node:26-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Beckon" \
      org.opencontainers.image.description="A help desk without a face: a support-ticket backend behind a REST API." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production \
    BECKON_HOST=0.0.0.0 \
    BECKON_DATA_DIR=/data
COPY --from=build /out /app
# Whoever it runs as may write there, and nowhere else; a new volume takes that over.
RUN install -d -m 1777 /data && ln -s /app/dist/beckon /usr/local/bin/beckon
USER 10001:0
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["beckon", "health"]
ENTRYPOINT ["beckon"]
CMD ["serve"]
