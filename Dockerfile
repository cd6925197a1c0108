# syntax=docker/dockerfile:1
# The gateway, and the sandbox for trying it: docker build -t dingtalk-contact-gateway .

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY libs libs
COPY apps apps
COPY scripts/bundle.mjs scripts/bundle-plugins.mjs scripts/
RUN npm run build && npm prune --omit=dev --no-audit --no-fund
# What V8 has made of the code is looked for by the number of the user, who may read it.
RUN cd dist/apps/gateway/src/compiled && mv *-0 "$(ls | sed 's/-0$/-1000/')" && chmod -R a+rX .

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="DingTalk contact gateway" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# Of root, and read by nobody but node: the process cannot change what it runs.
COPY --from=build /app/package.json /app/package-lock.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The user `node` of the image, by number, so that Kubernetes can see that it is not root.
RUN mkdir data && chown 1000:1000 data
USER 1000:1000
# The trail of changes, where there is no DATABASE_URL: keep it outside the container.
VOLUME /app/data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/gateway/src/main.js"]
