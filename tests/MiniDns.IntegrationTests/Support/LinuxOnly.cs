using System.Runtime.Versioning;

// Namespaces, capabilities and Debian's clients: these tests run nowhere else.
[assembly: SupportedOSPlatform("linux")]
