using System.Reflection;
using System.Runtime.InteropServices;

namespace MiniDns.Server.Hosting;

/// <summary>What the program says of itself.</summary>
public static class ServerVersion
{
    /// <summary>The version number, <c>0.1.0</c>.</summary>
    public static string Number { get; } = Informational.Split('+')[0];

    /// <summary>Name and version, <c>MiniDns-0.1.0</c>.</summary>
    public static string Name { get; } = "MiniDns-" + Number;

    /// <summary>The first digits of the source's revision; empty when that is not known.</summary>
    public static string Revision => Informational.Split('+') is [_, var revision] ? revision[..Math.Min(7, revision.Length)] : "";

    /// <summary>System, runtime and source revision, as CoreDNS prints them below its name.</summary>
    public static string Platform { get; } =
        $"{(OperatingSystem.IsLinux() ? "linux" : Environment.OSVersion.Platform.ToString().ToLowerInvariant())}/{ArchitectureName}, {RuntimeInformation.FrameworkDescription}, {(Revision.Length > 0 ? Revision : "unknown")}";

    private static string Informational =>
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";


    private static string ArchitectureName => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture other => other.ToString().ToLowerInvariant(),
    };
}
