using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>The versions of a policy zone that is transferred. Of the zone's records only what they say is kept.</summary>
internal sealed class PolicyFormat : ITransferFormat<PolicyZone>
{
    private PolicyFormat()
    {
    }

    /// <summary>The one.</summary>
    public static PolicyFormat Instance { get; } = new();

    /// <inheritdoc/>
    public uint SerialOf(PolicyZone version) => version.Serial;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> SoaOf(PolicyZone version) => version.Soa;

    /// <inheritdoc/>
    public TransferUpdate<PolicyZone> Update(DnsName origin, PolicyZone? present, string source) => new PolicyUpdate(origin, present, source);

    /// <inheritdoc/>
    public PolicyZone? Read(byte[] text, string path, DnsName origin, out string? failure)
    {
        var problems = new ZoneProblems();
        PolicyZone? version = PolicyFile.Read(text, path, origin, problems, out int malformed, mayInclude: false);
        failure = version is null ? problems.Errors.FirstOrDefault()?.ToString() : malformed > 0 ? problems.Warnings.First().ToString() : null;
        return failure is null ? version : null;
    }

    /// <inheritdoc/>
    public void Write(PolicyZone version, Stream file) => version.Write(file);
}
