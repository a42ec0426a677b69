# syntax=docker/dockerfile:1
#
#     docker build -t minidns .
#     docker run -p 53:53/udp -p 53:53/tcp -v ./Corefile:/etc/minidns/Corefile minidns
#     docker buildx build --platform linux/amd64,linux/arm64 -t minidns .
#
# The compiler runs on the builder's processor, whatever the image is for.
#
# The server runs as an ordinary user. It may bind port 53 because its executable carries that one capability; so the
# container keeps NET_BIND_SERVICE (Docker's default; in Kubernetes: capabilities { drop: [ALL], add: [NET_BIND_SERVICE] }).
# Without it the kernel refuses to start the executable: "Operation not permitted".

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/ src/
COPY plugins/ plugins/

# No build server stays behind: a builder that has no process namespaces would wait for it.
ENV MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_CLI_TELEMETRY_OPTOUT=1

# What -version prints; --build-arg REVISION=$(git rev-parse HEAD)
ARG REVISION=
ARG TARGETARCH
RUN dotnet publish src/MiniDns/MiniDns.csproj -c Release -a $TARGETARCH --self-contained false -o /opt/minidns -p:SourceRevisionId=$REVISION -p:RunAnalyzers=false -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false

# A capability of the file, not of the dotnet host, which other programs share.
RUN setcap cap_net_bind_service=+ep /opt/minidns/minidns
COPY --chmod=755 config/healthcheck.sh /opt/minidns/healthcheck.sh

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /opt/minidns/ /opt/minidns/

# ./Corefile is read from here; without one the hosts file is served and everything else forwarded to 8.8.8.8.
WORKDIR /etc/minidns
USER $APP_UID
EXPOSE 53/udp 53/tcp 8080/tcp 8181/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/opt/minidns/healthcheck.sh"]
ENTRYPOINT ["/opt/minidns/minidns"]
