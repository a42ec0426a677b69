#!/bin/sh
exec dotnet /usr/lib/minidns/minidns.dll "$@"
