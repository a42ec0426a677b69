using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Running;

namespace MiniDns.Server.Hosting;

/// <summary>The server as a part of the host: reads the Corefile, starts, prints the banner, stops.</summary>
public sealed class DnsServerService : IHostedService, IAsyncDisposable
{
    private readonly MiniDnsOptions _options;
    private readonly PluginCatalog _catalog;
    private readonly DnsServices _services;
    private readonly ILogger _log;
    private ServerGeneration? _generation;

    /// <summary>Makes the service; <see cref="StartAsync"/> does the work.</summary>
    public DnsServerService(MiniDnsOptions options, PluginCatalog catalog, DnsServices services)
    {
        _options = options;
        _catalog = catalog;
        _services = services;
        _log = services.Loggers.CreateLogger("server");
    }

    /// <summary>Where DNS is served, with the ports that 0 became, in the order of the Corefile.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _generation?.Endpoints.Select(e => e.Address) ?? []];

    /// <summary>Where HTTP pages are served.</summary>
    public IReadOnlyList<IPEndPoint> PageAddresses => [.. _generation?.PageAddresses ?? []];

    /// <inheritdoc/>
    /// <exception cref="StartFailure">The Corefile is wrong or an address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ServerPlan plan = Plan();
        _services.Debug.IsOn = plan.Debug;
        _generation = new ServerGeneration(plan, _services);
        try
        {
            await _generation.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BindFailure or IOException or InvalidOperationException)
        {
            // An address that is taken, or a component that cannot start: what it says is for the user.
            throw new StartFailure(e.Message, e);
        }

        WritePid();
        if (!_options.Quiet)
        {
            await PrintBannerAsync(_generation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _generation, null) is { } generation)
        {
            await generation.StopAsync(_options.Grace, cancellationToken).ConfigureAwait(false);
        }

        if (_options.PidFile is { } file)
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _generation, null) is { } generation)
        {
            await generation.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ServerPlan Plan()
    {
        var diagnostics = new ConfigDiagnostics();
        (string path, string text) = ReadCorefile();
        CorefileDocument corefile = CorefileParser.Parse(path, text, diagnostics);
        if (corefile.Blocks.Count == 0 && !diagnostics.HasErrors)
        {
            diagnostics.Warning(new SourceSpan(path, 1, 1, 0), "there is no server block, so nothing is served; a block is written '. {' … '}'");
        }

        // The plan is built even when the text has errors, so that the user sees those of the plugins too.
        ServerPlan? plan = new ServerPlanBuilder(_catalog, _services, _options.Port).Build(corefile, previous: null, diagnostics);
        if (plan is null)
        {
            throw new StartFailure(string.Join(Environment.NewLine, diagnostics.Items.OrderBy(i => i.Span.File, StringComparer.Ordinal).ThenBy(i => i.Span.Line).ThenBy(i => i.Span.Column)));
        }

        foreach (ConfigDiagnostic warning in diagnostics.Items)
        {
            ServerLog.Finding(_log, warning.ToString());
        }

        return plan;
    }

    private (string Path, string Text) ReadCorefile()
    {
        string path = _options.CorefilePath ?? "Corefile";
        if (_options.CorefilePath is null && !File.Exists(path))
        {
            return (BuiltInCorefile.Name, BuiltInCorefile.Text);
        }

        try
        {
            return (path, path is "stdin" or "-" ? Console.In.ReadToEnd() : File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailure($"{path}: cannot read the Corefile: {e.Message}", e);
        }
    }

    private void WritePid()
    {
        if (_options.PidFile is not { } file)
        {
            return;
        }

        try
        {
            File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailure($"{file}: cannot write the process id: {e.Message}", e);
        }
    }

    private async Task PrintBannerAsync(ServerGeneration generation)
    {
        foreach ((EndpointPlan plan, IPEndPoint address) in generation.Endpoints)
        {
            foreach (string zone in plan.Zones)
            {
                string on = plan.IsWildcard ? "" : $" on {address.Address}";
                await _options.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{zone}:{address.Port}{on}")).ConfigureAwait(false);
            }
        }

        await _options.Output.WriteLineAsync(ServerVersion.Name).ConfigureAwait(false);
        await _options.Output.WriteLineAsync(ServerVersion.Platform).ConfigureAwait(false);
        await _options.Output.FlushAsync().ConfigureAwait(false);
    }
}
