using MiniDns.Plugins;
using MiniDns.Queries;

namespace MiniDns.Server.Building;

/// <summary>What a plugin wants to stand where nothing goes around it.</summary>
/// <param name="Asked">Makes the handler before all that could answer.</param>
/// <param name="Changed">Makes the handler behind a plugin that changes questions, told whether a cache stands before it.</param>
/// <param name="Scope">The messages that they see.</param>
/// <param name="Plugin">The plugin.</param>
internal sealed record ChainGuard(Func<IDnsHandler, IDnsHandler> Asked, Func<IDnsHandler, bool, IDnsHandler> Changed, HandlerScope Scope, string Plugin);
