namespace MiniDns.Plugins;

/// <summary>What a configuration was made from.</summary>
/// <param name="Files">Every file: the Corefile, what it imports, and what plugins named (<see cref="PluginSetup.DependsOn"/>).</param>
/// <param name="Fingerprint">A digest of their content (SHA-512, hexadecimal).</param>
public sealed record ConfigOrigin(IReadOnlyList<string> Files, string Fingerprint);
