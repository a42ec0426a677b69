#!/usr/bin/env bash
# Builds the image of the Dockerfile with buildah where no image registry can be reached:
#
#     build_image.sh DOTNET DIRECTORY
#
# The images that it starts from are made here, under their real names: file systems with users and nothing else, into which this
# machine's /usr, the SDK of the program DOTNET and its NuGet packages are mounted while the Dockerfile's commands run. Root only.
# DIRECTORY then has rootfs, the files of the image, and image.json, what it says of itself.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
dotnet=$(dirname "$(readlink -f "$(command -v "$1")")")
work=$2
packages=$("$dotnet/dotnet" nuget locals global-packages --list | sed 's/^global-packages: //; s|/$||')
volumes=(--volume /usr:/usr:ro --volume "$packages:/root/.nuget/packages")
[[ $dotnet == /usr/* ]] || volumes+=(--volume "$dotnet:$dotnet:ro")
[[ ! -d $HOME/.nuget/NuGet ]] || volumes+=(--volume "$HOME/.nuget/NuGet:/root/.nuget/NuGet:ro")

main() {
    local image container
    echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$work/policy.json"
    for image in $(sed -n 's/^FROM \(--platform=[^ ]* \)\?\([^ ]*\).*/\2/p' "$repository/Dockerfile"); do
        stand_in "$image"
    done

    run bud --pull=never --isolation chroot --format docker --tag minidns --build-arg REVISION=0123456789abcdef "${volumes[@]}" \
        --file "$repository/Dockerfile" "$repository"
    container=$(run from --pull=never minidns)
    run inspect --type container "$container" >"$work/image.json"
    cp -a "$(run mount "$container")" "$work/rootfs"
    rm -rf "$work/storage" "$work/run" "$work/stand-in"
}

run() {
    local command=$1
    shift
    case $command in
        from | bud | commit) set -- --signature-policy "$work/policy.json" "$@" ;;
    esac
    buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$command" "$@" </dev/null
}

# Makes an image of what programs take for granted: users, and the links into /usr.
stand_in() {
    local name=$1 tree=$work/stand-in container
    rm -rf "$tree"
    mkdir -p "$tree"/{dev,etc,opt,proc,root,sys,usr,var/lib/apt/lists,stand-in}
    mkdir -m 1777 "$tree/tmp"
    ln -s usr/bin usr/sbin usr/lib "$tree"
    [[ ! -e /usr/lib64 ]] || ln -s usr/lib64 "$tree"
    printf '%s\n' root:x:0:0::/root:/bin/bash app:x:1654:1654::/home/app:/bin/sh >"$tree/etc/passwd"
    printf '%s\n' root:x:0: app:x:1654: >"$tree/etc/group"
    cp -rL /etc/ld.so.cache /etc/ssl "$tree/etc"

    # What it would install is in /usr already.
    printf '#!/bin/sh\necho "apt-get $*"\n' >"$tree/stand-in/apt-get"
    chmod 755 "$tree/stand-in/apt-get"
    container=$(run from scratch)
    run copy --quiet "$container" "$tree" / >/dev/null
    run config --env PATH="/stand-in:$dotnet:/usr/sbin:/usr/bin" --env DOTNET_ROOT="$dotnet" --env APP_UID=1654 "$container"
    run commit --quiet --rm "$container" "$name" >/dev/null
}

main
