using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Forward;

/// <summary>Reads one <c>forward</c> directive.</summary>
internal static class ForwardDirective
{
    private const int DnsPort = 53;

    private static readonly Dictionary<string, ForwardPolicy> Policies = new(StringComparer.Ordinal)
    {
        ["random"] = ForwardPolicy.Random,
        ["round_robin"] = ForwardPolicy.RoundRobin,
        ["sequential"] = ForwardPolicy.Sequential,
        ["fastest"] = ForwardPolicy.Fastest,
        ["race"] = ForwardPolicy.Race,
    };

    private static readonly Dictionary<string, bool> HttpMethods = new(StringComparer.Ordinal) { ["GET"] = true, ["POST"] = false };

    private static readonly Dictionary<string, bool> OnOff = new(StringComparer.Ordinal) { ["on"] = true, ["off"] = false };

    private static readonly Dictionary<string, bool> SubnetChoices = new(StringComparer.Ordinal) { ["pass"] = true, ["strip"] = false };

    /// <summary>Reads a directive; what is wrong goes to the diagnostics.</summary>
    public static ForwardOptions Read(Directive directive, PluginSetup setup)
    {
        var reader = new DirectiveReader(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
        var options = new ForwardOptions();
        if (reader.TryZone(out IReadOnlyList<DnsName>? from))
        {
            options = options with { From = from };
        }

        IReadOnlyList<CorefileToken> to = reader.Rest();
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["except"] = p => options = options with { Except = [.. options.Except, .. ExceptZones(p)] },
                ["force_tcp"] = _ => options = options with { ForceTcp = true },
                ["prefer_udp"] = _ => options = options with { PreferUdp = true },
                ["expire"] = p => options = options with { Expire = p.Duration(options.Expire) },
                ["max_age"] = p => options = options with { MaxAge = p.Duration(options.MaxAge) },
                ["max_idle_conns"] = p => options = options with { MaxIdleConnections = p.Int(0, int.MaxValue, 0) },
                ["read_timeout"] = p => options = options with { ReadTimeout = p.Duration(options.ReadTimeout, TimeSpan.FromTicks(1)) },
                ["max_fails"] = p => options = options with { MaxFails = (uint)p.Long(0, uint.MaxValue, 2) },
                ["max_connect_attempts"] = p => options = options with { MaxConnectAttempts = (uint)p.Long(0, uint.MaxValue, 0) },
                ["doh_method"] = p => options = options with { HttpsGet = p.Choice(HttpMethods, fallback: false) },
                ["tls"] = p => options = options with { Tls = ForwardTlsDirective.ReadFiles(p, setup.Services.Time) },
                ["tls_servername"] = p => options = options with { TlsServerName = ForwardTlsDirective.ReadServerName(p) },
                ["random_case"] = p => options = options with { RandomCase = p.Choice(OnOff, fallback: true) },
                ["cookies"] = p => options = options with { Cookies = p.Choice(OnOff, fallback: true) },
                ["ecs"] = p => options = options with { PassSubnets = p.Choice(SubnetChoices, fallback: false) },
                ["rebind_protection"] = p => options = options with { RebindProtection = true, RebindAllowed = p.Zones([]) },
                ["policy"] = p => options = ReadPolicy(p, options),
                ["complete_cname"] = _ => options = options with { CompletesAliases = true },
                ["filter_aaaa"] = p => options = options with { FilterAaaa = [.. options.FilterAaaa, .. p.Zones([DnsName.Root])] },
                ["filter_a"] = p => options = options with { FilterA = [.. options.FilterA, .. p.Zones([DnsName.Root])] },
                ["bootstrap"] = p => options = options with { Resolvers = ReadResolvers(p) },
                ["hedge"] = p => options = options with { HedgeShare = p.TakeIf("off") ? 0 : p.Percent(1, 100, 10) / 100.0 },
                ["health_check"] = p => options = ReadHealthCheck(p, options),
                ["max_concurrent"] = p => options = options with { MaxConcurrent = p.Int(0, int.MaxValue, 0) },
                ["next"] = p => options = options with { Next = [.. options.Next, .. ReadCodes(p)] },
                ["next_on_nodata"] = _ => options = options with { NextOnNoData = true },
                ["failfast_all_unhealthy_upstreams"] = _ => options = options with { FailFast = true },
                ["failover"] = p => options = options with { Failover = [.. options.Failover, .. ReadFailover(p)] },
                ["source_address"] = p => options = options with { SourceAddress = ReadSource(p) },
                ["resolver"] = p => options = options with { Resolvers = ReadResolvers(p) },
            },
            repeatable: ["except", "next", "failover", "filter_aaaa", "filter_a"]);
        if (options.MaxAge > TimeSpan.Zero && options.MaxAge < options.Expire)
        {
            reader.Error(directive.Span, $"max_age ({DurationText.Format(options.MaxAge)}) must not be less than expire ({DurationText.Format(options.Expire)})");
        }

        return options with { Targets = ReadTargets(reader, directive, to, options.TlsServerName) };
    }

    private static List<ForwardTarget> ReadTargets(DirectiveReader reader, Directive directive, IReadOnlyList<CorefileToken> to, string? serverName)
    {
        List<ForwardTarget> targets = [];
        if (to.Count == 0)
        {
            reader.Error(directive.Span, "upstreams are expected after the zone; write 'forward ZONE ADDRESS...', such as 'forward . 9.9.9.9'");
            return targets;
        }

        if (to.Count > ForwardOptions.MaxTargets)
        {
            reader.Error(to[ForwardOptions.MaxTargets].Span, $"more than {ForwardOptions.MaxTargets} upstreams: {to.Count}");
            return targets;
        }

        bool failed = false;
        foreach (CorefileToken word in to)
        {
            int before = targets.Count;
            if (ForwardTargets.Read(word.Text, targets) is { } error)
            {
                reader.Error(word.Span, error);
                failed = true;
            }
            else if (serverName is not null && targets.Count > before && word.Text.Contains('%', StringComparison.Ordinal) && targets[before].ServerName is { } own)
            {
                reader.Error(word.Span, $"'{word.Text}' names its server '{own}', and tls_servername '{serverName}'; leave one of them out");
            }
        }

        foreach (ForwardTarget target in targets.Where(t => t.File is not null))
        {
            if (ResolvConf.Read(target.File!).Error is { } error)
            {
                reader.Error(to[0].Span, error);
                failed = true;
            }
        }

        if (!failed && targets.All(t => t.File is not null && ResolvConf.Read(t.File).Servers.Count == 0))
        {
            reader.Error(to[0].Span, "no upstream is left: the file names no name server");
        }

        // The first mention counts. A query keeps the order of its upstreams in octets.
        return [.. targets.Distinct().Take(byte.MaxValue)];
    }

    private static IReadOnlyList<DnsName> ExceptZones(DirectiveReader property)
    {
        property.ArgumentCount(1, int.MaxValue, "except ZONE...");
        return property.Zones([]);
    }

    private static ForwardOptions ReadPolicy(DirectiveReader property, ForwardOptions options)
    {
        options = options with { Policy = property.Choice(Policies, options.Policy) };
        return options.Policy == ForwardPolicy.Race && property.HasArgument
            ? options with { RaceSize = property.Int(2, ForwardOptions.MaxAtOnce, options.RaceSize) }
            : options;
    }

    private static ForwardOptions ReadHealthCheck(DirectiveReader property, ForwardOptions options)
    {
        options = options with { HealthInterval = property.Duration(options.HealthInterval), HealthDomain = DnsName.Root };
        while (property.HasArgument)
        {
            if (property.TakeIf("no_rec"))
            {
                options = options with { HealthRecursion = false };
            }
            else if (property.TakeIf("domain"))
            {
                if (property.TryName(out DnsName? domain))
                {
                    options = options with { HealthDomain = domain.ToLower() };
                }
            }
            else
            {
                property.Error($"unknown option '{property.Word("an option")}'; write 'no_rec' or 'domain NAME'");
            }
        }

        return options;
    }

    private static List<DnsResponseCode> ReadCodes(DirectiveReader property)
    {
        List<DnsResponseCode> codes = [];
        property.ArgumentCount(1, int.MaxValue, $"{property.Name} RCODE...");
        foreach (CorefileToken word in property.Rest())
        {
            if (DnsResponseCodeText.TryParse(word.Text, out DnsResponseCode code))
            {
                codes.Add(code);
            }
            else
            {
                property.Error(word.Span, $"'{word.Text}' is not a valid rcode; write a name such as NXDOMAIN or SERVFAIL");
            }
        }

        return codes;
    }

    private static List<DnsResponseCode> ReadFailover(DirectiveReader property)
    {
        List<DnsResponseCode> codes = ReadCodes(property);
        if (codes.Remove(DnsResponseCode.NoError))
        {
            property.Error("NOERROR cannot be used: it is what an upstream that works says");
        }

        return codes;
    }

    private static IPAddress? ReadSource(DirectiveReader property)
    {
        string text = property.Word("an IP address");
        if (AddressText.TryParseAddress(text, out IPAddress? address))
        {
            return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }

        if (text.Length > 0)
        {
            property.Error($"invalid IP address: '{text}'");
        }

        return null;
    }

    private static List<IPEndPoint> ReadResolvers(DirectiveReader property)
    {
        List<IPEndPoint> resolvers = [];
        property.ArgumentCount(1, int.MaxValue, $"{property.Name} IP[:PORT]...");
        while (property.HasArgument)
        {
            if (property.TryAddress(DnsPort, out IPEndPoint? resolver))
            {
                resolvers.Add(resolver);
            }
        }

        return resolvers;
    }
}
