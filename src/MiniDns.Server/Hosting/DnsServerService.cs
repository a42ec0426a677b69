using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Inspection;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Running;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Hosting;

/// <summary>The server as a part of the host: reads the Corefile, starts, prints the banner, reloads, stops.</summary>
public sealed class DnsServerService : IHostedService, IAsyncDisposable
{
    private readonly MiniDnsOptions _options;
    private readonly PluginCatalog _catalog;
    private readonly DnsServices _services;
    private readonly ILogger _log;
    private readonly QueryDispatcher _dispatcher;
    private readonly ServerPlanBuilder _builder;
    private readonly InheritedSockets _inherited;
    private readonly GenerationManager _generations;
    private readonly ServiceManager _serviceManager;
    private readonly StripedCounter _failedReloads;
    private readonly SemaphoreSlim _reloading = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private SignalHandlers? _signals;
    private Task _watching = Task.CompletedTask;
    private Task _rehearsal = Task.CompletedTask;
    private CorefileInput? _read;          // what the plan was made from that was made last
    private CorefileInput? _running;
    private string? _refusal;             // what is wrong with the files, when the last reload failed
    private int _requests;

    /// <summary>Makes the service; <see cref="StartAsync"/> does the work.</summary>
    public DnsServerService(MiniDnsOptions options, PluginCatalog catalog, DnsServices services)
    {
        _options = options;
        _catalog = catalog;
        _services = services;
        _log = services.Loggers.CreateLogger("server");
        _dispatcher = new QueryDispatcher(services);
        _builder = new ServerPlanBuilder(catalog, services, _dispatcher, options.Port);
        _inherited = options.OwnsProcess ? InheritedSockets.FromEnvironment() : InheritedSockets.None;
        _serviceManager = options.OwnsProcess ? ServiceManager.FromEnvironment() : ServiceManager.None;
        _generations = new GenerationManager(_dispatcher, services, _inherited);
        _failedReloads = services.Metrics.Counter("coredns_reload_failed_total", "Reloads that failed, so that the former configuration went on.");
        services.Server.Attach(
            RequestReload,
            () => _dispatcher.Received.Value,
            ReadFingerprint,
            token => ListenerProbe.CheckAsync(_generations.Listeners.Endpoints, token));
        if (options.ExplainPage is { } page)
        {
            services.Server.AttachExplainer((query, token) => page(this, query, token));
        }
    }

    /// <summary>Where DNS is served, with the ports that 0 became, in the order of the Corefile.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _generations.Listeners.Endpoints.Select(e => e.Address)];

    /// <summary>Where HTTP pages are served.</summary>
    public IReadOnlyList<IPEndPoint> PageAddresses => [.. _generations.Listeners.Pages.Select(p => p.Address)];

    /// <inheritdoc/>
    /// <exception cref="StartFailure">The Corefile is wrong or an address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anything else: a signal that nobody waits for would end the process. A reload that is asked for meanwhile comes after the start.
        await _reloading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _signals = _options.OwnsProcess ? new SignalHandlers(_services.Server, static () => Environment.Exit(1)) : null;
            await StartFirstAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>Reads the Corefile anew and serves by it from then on. When anything about it is wrong, all goes on as it was.</summary>
    /// <param name="reason">Why, for the log.</param>
    /// <param name="cancellationToken">Gives up; all goes on as it was.</param>
    /// <returns>False when the former configuration goes on; the log says why.</returns>
    public async Task<bool> ReloadAsync(string reason, CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ServerLog.Reloading(_log, reason);
            _serviceManager.Reloading(_services.Time);
            await SwitchAsync(Plan(), cancellationToken).ConfigureAwait(false);
            ServerLog.Reloaded(_log);
            _refusal = null;
            return true;
        }
        catch (StartFailure e)
        {
            _failedReloads.Increment();
            string[] problems = e.Message.Split(Environment.NewLine);
            _refusal = problems[0];
            foreach (string problem in problems)
            {
                ServerLog.ReloadFailed(_log, problem);
            }

            return false;
        }
        finally
        {
            _serviceManager.Ready(Status());
            _reloading.Release();
        }
    }

    /// <summary>Lets a query go its way through a copy of the chains that serve, and writes down the way. The copy has the cache and the upstreams'
    /// health of the server; what that is made from files is read anew.</summary>
    /// <param name="request">The query.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when a reload or another explanation is under way.</returns>
    public async Task<ExplainReport?> ExplainAsync(ExplainRequest request, CancellationToken cancellationToken)
    {
        // A reload in between would take away what the copy shares with what serves.
        if (!await _reloading.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            if (_running is not { } input || _generations.Plan is not { } plan)
            {
                return null;
            }

            var inspector = new CorefileInspector(_catalog, _options.Port, _services.Time, NullLoggerFactory.Instance);
            ExplainReport report = await inspector.ExplainRunningAsync(input, _services, plan, request, cancellationToken).ConfigureAwait(false);
            return report with { IsOfRunning = true, IsOutdated = !plan.Fingerprint.Value.Equals(ReadFingerprint(), StringComparison.Ordinal) };
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        _serviceManager.Stopping();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _generations.StopAsync(_options.Grace, cancellationToken).ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_options.PidFile is { } file)
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _signals?.Dispose();
        await _generations.DisposeAsync().ConfigureAwait(false);
        _serviceManager.Dispose();
    }

    /// <summary>The start itself, with the signals being taken care of.</summary>
    private async Task StartFirstAsync(CancellationToken cancellationToken)
    {
        ServerPlan plan = Plan();
        await _rehearsal.ConfigureAwait(false);
        await SwitchAsync(plan, cancellationToken).ConfigureAwait(false);
        WritePid();
        if (_inherited.Left is { Count: > 0 } left)
        {
            ServerLog.SocketsLeft(_log, string.Join(", ", left));
        }

        if (!_options.Quiet)
        {
            await PrintBannerAsync().ConfigureAwait(false);
        }

        _serviceManager.Ready(Status());
        if (_serviceManager.Watchdog is { } period)
        {
            _watching = WatchAsync(period);
        }
    }

    /// <summary>Starts a reload, unless one is waiting to begin already.</summary>
    private void RequestReload(string reason)
    {
        if (Interlocked.Exchange(ref _requests, 1) == 0)
        {
            _ = Task.Run(() => ReloadOnRequestAsync(reason));
        }
    }

    private async Task ReloadOnRequestAsync(string reason)
    {
        try
        {
            await _reloading.WaitAsync(_stopping.Token).ConfigureAwait(false);
            _reloading.Release();

            // Whoever asks from now on may have seen something that this reload does not.
            Volatile.Write(ref _requests, 0);
            await ReloadAsync(reason, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end came first.
        }
        catch (Exception e)
        {
            _failedReloads.Increment();
            ServerLog.ReloadFailed(_log, e.ToString());
        }
    }

    private async Task SwitchAsync(ServerPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            await _generations.SwitchAsync(plan, cancellationToken).ConfigureAwait(false);
            _running = _read;
        }
        catch (Exception e) when (e is BindFailure or IOException or InvalidOperationException)
        {
            // An address that is taken, or a component that cannot start: what it says is for the user.
            string left = e is BindFailure && _inherited.Left is { Count: > 0 } sockets
                ? $"; of the sockets handed over by the service manager no server block uses {string.Join(", ", sockets)}"
                : "";
            throw new StartFailure(e.Message + left, e);
        }
    }

    private ServerPlan Plan()
    {
        var diagnostics = new ConfigDiagnostics();
        _read = ReadCorefile();
        CorefileDocument corefile = CorefileInput.Parse(_read, diagnostics);

        Rehearse(corefile);

        // The plan is built even when the text has errors, so that the user sees those of the plugins too.
        ServerPlan? plan = _builder.Build(corefile, _generations.Plan, diagnostics);
        if (plan is null)
        {
            throw new StartFailure(string.Join(Environment.NewLine, CorefileInput.InOrder(diagnostics)));
        }

        // A file is empty for a moment while it is written, and for longer when the disk is full. No empty file takes away all that is served, and
        // with it "reload", which would see the next change.
        if (plan.Endpoints.Count == 0 && _generations.Plan is { Endpoints.Count: > 0 })
        {
            throw new StartFailure($"{_read.Path}: there is no server block in it, so nothing would be served any more; stop the server if that is what you want");
        }

        foreach (ConfigDiagnostic warning in diagnostics.Items)
        {
            ServerLog.Finding(_log, warning.ToString());
        }

        return plan;
    }

    private string? ReadFingerprint()
    {
        try
        {
            CorefileInput input = ReadCorefile();
            return ConfigFingerprint.Of(CorefileParser.Parse(input.Path, input.Text, new ConfigDiagnostics()), _generations.Plan?.OtherFiles ?? []).Value;
        }
        catch (StartFailure)
        {
            return null;
        }
    }

    /// <summary>Begins the rehearsal, at the first start: it goes on while zones are read.</summary>
    private void Rehearse(CorefileDocument corefile)
    {
        if (_options.RehearsalZone is { } zone && _generations.Plan is null)
        {
            _rehearsal = Rehearsal.RunAsync(_catalog, corefile.Blocks.SelectMany(b => b.Directives).Select(d => d.Name.Text), zone, _services.Time);
        }
    }

    private CorefileInput ReadCorefile() => CorefileInput.IsStream(_options.CorefilePath) && _generations.Plan is not null
        ? throw new StartFailure("the Corefile came from standard input, which cannot be read a second time")
        : CorefileInput.Read(_options.CorefilePath);

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

    /// <summary>Says to the service manager that all is well as long as every listener answers.</summary>
    private async Task WatchAsync(TimeSpan period)
    {
        // Twice in a period, so that one that comes a little late does no harm.
        using var timer = new PeriodicTimer(period / 2, _services.Time);
        do
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(period / 4);
            IReadOnlyList<string> silent = await _services.Server.CheckListenersAsync(patience.Token).ConfigureAwait(false);
            if (silent.Count == 0)
            {
                _serviceManager.Alive();
            }
            else if (!_stopping.IsCancellationRequested)
            {
                foreach (string listener in silent)
                {
                    ServerLog.ListenerSilent(_log, listener);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
    }

    private string Status() => $"serving DNS at {string.Join(", ", Addresses)}{(_refusal is { } refusal ? $"; the files' new configuration is not used: {refusal}" : "")}";

    private async Task PrintBannerAsync()
    {
        foreach (EndpointListener listener in _generations.Listeners.Endpoints)
        {
            foreach (string zone in listener.Plan.Zones)
            {
                string on = listener.Plan.IsWildcard ? "" : $" on {listener.Address.Address}";
                string scheme = listener.Plan.Scheme == ServerScheme.Dns ? "" : ServerKey.SchemeText(listener.Plan.Scheme) + "://";
                await _options.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{scheme}{zone}:{listener.Address.Port}{on}")).ConfigureAwait(false);
            }
        }

        await _options.Output.WriteLineAsync(ServerVersion.Name).ConfigureAwait(false);
        await _options.Output.WriteLineAsync(ServerVersion.Platform).ConfigureAwait(false);
        await _options.Output.FlushAsync().ConfigureAwait(false);
    }
}
