using MiniDns.Configuration;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tsig;

/// <summary>The directive <c>tsig</c>.</summary>
public sealed class TsigPlugin : IDnsPlugin
{
    /// <summary>The largest file of keys, in octets.</summary>
    private const int MaxFileLength = 16 * 1024 * 1024;

    /// <inheritdoc/>
    public string Name => "tsig";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
        TsigOptions options = Read(reader, setup.Diagnostics);
        var own = new TsigKeyring(options.Keys);
        var keys = new TsigKeys(own);
        setup.Provide(own);
        setup.WhenServerWired(server => keys.Complete(server.All<TsigKeyring>()));
        setup.Use(
            next => new TsigHandler(next, options, keys, setup.Services.Time, setup.Services.LoggerFor(Name)),
            HandlerScope.QueriesAndNotifications);
    }

    private static TsigOptions Read(DirectiveReader reader, ConfigDiagnostics diagnostics)
    {
        var options = new TsigOptions { Zones = reader.Zones() };
        Dictionary<DnsName, TsigKey> keys = [];
        Dictionary<string, Action<DirectiveReader>> properties = new(StringComparer.Ordinal)
        {
            ["secret"] = p => ReadSecret(p, keys),
            ["secrets"] = p => ReadFile(p, keys, diagnostics),
            ["require"] = p =>
            {
                (bool all, HashSet<DnsRecordType> types) = ReadRequired<DnsRecordType>(p, DnsTypeText.TryParse, "types such as AXFR IXFR");
                options = options with { RequiresAllTypes = all, RequiredTypes = types };
            },
            ["require_opcode"] = p =>
            {
                (bool all, HashSet<DnsOpcode> opcodes) = ReadRequired<DnsOpcode>(p, DnsOpcodeText.TryParse, "QUERY, IQUERY, STATUS, NOTIFY, UPDATE");
                options = options with { RequiresAllOpcodes = all, RequiredOpcodes = opcodes };
            },
        };
        reader.Properties(properties, repeatable: ["secret", "secrets"]);
        return options with { Keys = [.. keys.Values] };
    }

    private static void ReadSecret(DirectiveReader line, Dictionary<DnsName, TsigKey> keys)
    {
        if (!line.ArgumentCount(2, 3, "secret NAME SECRET [ALGORITHM]") || !line.TryName(out DnsName? name))
        {
            line.Rest();
            return;
        }

        SourceSpan span = line.Span;
        string secret = line.Word("a secret in base64");
        string? algorithm = line.HasArgument ? line.Word("an algorithm") : null;
        if (!TsigKey.TryCreate(name, secret, algorithm, out TsigKey? key, out string? error))
        {
            line.Error(error);
        }
        else if (!keys.TryAdd(key.Name, key))
        {
            line.Error(span, $"the key '{key}' is defined twice");
        }
    }

    private static void ReadFile(DirectiveReader line, Dictionary<DnsName, TsigKey> keys, ConfigDiagnostics diagnostics)
    {
        string written = line.Next?.Text ?? string.Empty;
        if (!line.TryPath(out string? path, "the path of a file of keys"))
        {
            return;
        }

        // CoreDNS reads it from its working directory whatever root says.
        path = System.IO.File.Exists(path) ? path : written;
        string text;
        try
        {
            if (new FileInfo(path).Length > MaxFileLength)
            {
                line.Error($"{path} is larger than {MaxFileLength} octets");
                return;
            }

            text = System.IO.File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            line.Error($"{path} cannot be read: {e.Message}");
            return;
        }

        IReadOnlyList<(TsigKey, int, int)> found = KeyFileReader.Read(text, out IReadOnlyList<(int, int, string)> problems);
        foreach ((TsigKey key, int row, int column) in found)
        {
            if (!keys.TryAdd(key.Name, key))
            {
                diagnostics.Error(new SourceSpan(path, row, column, 1), $"tsig: the key '{key}' is defined twice");
            }
        }

        foreach ((int row, int column, string message) in problems)
        {
            diagnostics.Error(new SourceSpan(path, row, column, 1), "tsig: " + message);
        }
    }

    private static (bool All, HashSet<T> Items) ReadRequired<T>(DirectiveReader line, TryParse<T> parse, string examples)
    {
        HashSet<T> items = [];
        if (line.TakeIf("all"))
        {
            return (true, items);
        }

        if (line.TakeIf("none"))
        {
            return (false, items);
        }

        if (!line.HasArgument)
        {
            line.Error($"'all', 'none' or {examples} are expected");
        }

        foreach (CorefileToken token in line.Rest())
        {
            if (parse(token.Text, out T item))
            {
                items.Add(item);
            }
            else
            {
                line.Error(token.Span, $"'{token.Text}' is not known; write 'all', 'none' or {examples}");
            }
        }

        return (false, items);
    }

    private delegate bool TryParse<T>(ReadOnlySpan<char> text, out T item);
}
