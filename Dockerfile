# One image for every process; the command decides which: docs/deploy/README.md lists them.
FROM node:22-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/amm/package.json packages/amm/
COPY packages/api-schema/package.json packages/api-schema/
COPY packages/devnet/package.json packages/devnet/
COPY packages/directory-lock/package.json packages/directory-lock/
COPY packages/engine/package.json packages/engine/
COPY packages/solana/package.json packages/solana/

FROM manifests AS dependencies
RUN npm ci --omit=dev

FROM manifests AS build
RUN npm ci --include=dev
COPY scripts/build.mjs scripts/
COPY packages/ packages/
RUN npm run build

FROM node:22-bookworm-slim
# An order in flight outlives the young generation of the default size.
ENV NODE_OPTIONS=--max-semi-space-size=64
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
# Volumes that are mounted here begin with this owner.
RUN mkdir /data /wallet && chown node:node /data /wallet && chmod 700 /data /wallet
COPY --from=dependencies /app/ ./
COPY --from=build /app/packages/amm/dist packages/amm/dist
COPY --from=build /app/packages/api-schema/dist packages/api-schema/dist
COPY --from=build /app/packages/devnet/dist packages/devnet/dist
COPY --from=build /app/packages/directory-lock/dist packages/directory-lock/dist
COPY --from=build /app/packages/engine/dist packages/engine/dist
COPY --from=build /app/packages/solana/dist packages/solana/dist
COPY packages/devnet/programs/bin packages/devnet/programs/bin
COPY packages/engine/migrations packages/engine/migrations
COPY packages/engine/assets packages/engine/assets
COPY LICENSE ./
# No VOLUME: Railway refuses such images, and elsewhere an unnamed volume is easily lost. Mount one at /data.
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "packages/engine/dist/main/serve.js"]
