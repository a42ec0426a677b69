using MiniDns.Configuration;
using MiniDns.Expressions;
using MiniDns.Plugins.Capabilities;

namespace MiniDns.Plugins.View;

/// <summary>The directive <c>view</c>.</summary>
public sealed class ViewPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "view";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        string name = reader.Word("the view's name");
        var environment = new ExpressionEnvironment(QueryFunctions.All);
        List<Expression> expressions = [];
        reader.Properties(new(StringComparer.Ordinal) { ["expr"] = line => ReadExpression(line, environment, expressions) }, repeatable: ["expr"]);
        var filter = new ViewFilter(name, expressions);
        setup.Provide<IViewFilter>(filter);
        setup.Provide<IMetadataSource>(new ViewMetadata(name));
        setup.WhenWired(block =>
        {
            foreach (MetadataLabel label in expressions.SelectMany(e => e.Labels))
            {
                label.Bind(block);
            }
        });
    }

    private static void ReadExpression(DirectiveReader line, ExpressionEnvironment environment, List<Expression> expressions)
    {
        if (Expression.Read(line, environment) is not { } expression)
        {
            return;
        }

        if (!expression.IsCondition)
        {
            line.Warning("is neither true nor false, so the block never takes a query");
        }

        expressions.Add(expression);
    }
}
