#!/usr/bin/env bash
# Builds a Debian package.
#
#     config/debian/build.sh [--self-contained] [--arch amd64|arm64] [DIRECTORY]
#
# Without options: minidns_VERSION_all.deb, for every processor; it needs the .NET runtime from a package aspnetcore-runtime-10.0,
# which Ubuntu and packages.microsoft.com have.
# With --self-contained: minidns_VERSION_amd64.deb (or what --arch says), which needs no other package: the runtime is inside.
# The package is written to DIRECTORY, artifacts when not given. It needs the .NET SDK and dpkg-deb; no root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

self_contained=0 arch=$(dpkg --print-architecture) output=$root/artifacts
while (($# > 0)); do
    case $1 in
        --self-contained) self_contained=1 ;;
        --arch) shift && arch=${1:?--arch needs amd64 or arm64} ;;
        -*) echo "build.sh: unknown option $1; there are --self-contained and --arch" >&2 && exit 2 ;;
        *) output=$1 ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work # the SDK leaves directories behind
umask 022
tree=$work/tree library=$work/tree/usr/lib/minidns

main() {
    local version depends
    version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' "$root/Directory.Build.props")
    mkdir -p "$output" "$tree/DEBIAN" "$tree/usr/bin"
    if ((self_contained)); then
        publish -a "$arch" --self-contained true
        ln -s ../lib/minidns/minidns "$tree/usr/bin/minidns"
        depends="libc6, libgcc-s1, libstdc++6, zlib1g, ca-certificates"
    else
        arch=all
        publish -p:UseAppHost=false
        install -m 755 "$here/minidns.sh" "$tree/usr/bin/minidns"
        depends="aspnetcore-runtime-10.0"
    fi

    install -D -m 640 "$here/Corefile" "$tree/etc/minidns/Corefile"
    install -D -m 644 "$root/config/systemd/minidns.socket" "$tree/usr/lib/systemd/system/minidns.socket"
    install -d "$tree/usr/share/doc/minidns" "$tree/usr/share/man/man8"
    unit >"$tree/usr/lib/systemd/system/minidns.service"
    install -D -m 644 "$root/config/resolv.conf.md" "$tree/usr/share/doc/minidns/resolv.conf.md"
    install -D -m 644 "$root/config/completion/minidns.bash" "$tree/usr/share/bash-completion/completions/minidns"
    gzip -9n <"$here/minidns.8" >"$tree/usr/share/man/man8/minidns.8.gz"

    echo /etc/minidns/Corefile >"$tree/DEBIAN/conffiles"
    install -m 755 "$here/postinst" "$here/prerm" "$here/postrm" "$tree/DEBIAN"
    cat >"$tree/DEBIAN/control" <<END
Package: minidns
Version: $version
Architecture: $arch
Maintainer: MiniDns <minidns@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $depends, passwd
Suggests: bind9-dnsutils
Description: DNS server that takes CoreDNS's configuration
 Each query passes a chain of plugins that a Corefile names: hosts files,
 search domains, zones, a cache, forwarding, the services of a Kubernetes
 cluster. Corefiles, plugins and metrics are those of CoreDNS.
END
    dpkg-deb --root-owner-group --build "$tree" "$output/minidns_${version}_$arch.deb"
}

# What is built here does not meet what is built for the tests.
publish() {
    dotnet publish "$root/src/MiniDns/MiniDns.csproj" -c Release --nologo -v quiet --artifacts-path "$work/artifacts" -o "$library" \
        -p:RunAnalyzers=false -p:DebugType=none -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false "$@"
    find "$library" -type f -exec chmod 644 {} +
    [[ ! -e $library/minidns ]] || chmod 755 "$library/minidns"
}

# The unit of config/systemd, for the package's paths and its user.
unit() {
    sed -e '1,/^$/d' -e 's|/opt/minidns/minidns|/usr/bin/minidns|' \
        -e 's|^# An ordinary user, made up at the start, who|# An ordinary user who|' -e 's|^DynamicUser=yes|User=minidns|' \
        "$root/config/systemd/minidns.service"
}

main
