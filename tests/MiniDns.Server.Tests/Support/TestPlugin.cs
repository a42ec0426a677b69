using MiniDns.Plugins;
using MiniDns.Queries;

namespace MiniDns.Server.Tests.Support;

/// <summary>A directive of a test's own, whose handler is a function.</summary>
internal sealed class TestPlugin(string name, Func<DnsQuery, IDnsHandler, ValueTask<DnsOutcome>> answer, Action<PluginSetup>? setUp = null) : IDnsPlugin
{
    public string Name => name;

    public void Setup(PluginSetup setup)
    {
        setUp?.Invoke(setup);
        setup.Use(next => new Handler(answer, next));
    }

    private sealed class Handler(Func<DnsQuery, IDnsHandler, ValueTask<DnsOutcome>> answer, IDnsHandler next) : IDnsHandler
    {
        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => answer(query, next);
    }
}
