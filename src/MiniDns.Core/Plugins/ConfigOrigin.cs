namespace MiniDns.Plugins;

/// <summary>What a configuration was made from.</summary>
/// <param name="Files">Every file: the Corefile, what it imports, and what plugins named (<see cref="PluginSetup.DependsOn"/>).</param>
/// <param name="LazyFingerprint">Computes <see cref="Fingerprint"/>.</param>
public sealed record ConfigOrigin(IReadOnlyList<string> Files, Lazy<string> LazyFingerprint)
{
    /// <summary>A digest of their content (SHA-512, hexadecimal), computed when it is asked for.</summary>
    public string Fingerprint => LazyFingerprint.Value;
}
