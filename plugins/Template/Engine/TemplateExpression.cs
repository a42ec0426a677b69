namespace MiniDns.Plugins.Template.Engine;

/// <summary>A part of a template that has a value.</summary>
/// <param name="offset">Where it stands, in characters.</param>
internal abstract class TemplateExpression(int offset)
{
    /// <summary>Where it stands, in characters.</summary>
    public int Offset { get; } = offset;

    /// <summary>Finds the value.</summary>
    /// <returns>False when something went wrong, which the run knows.</returns>
    public abstract bool TryEvaluate(TemplateRun run, out TemplateValue value);

    /// <summary>A value that is written in the template.</summary>
    public sealed class Literal(int offset, TemplateValue constant) : TemplateExpression(offset)
    {
        /// <summary>The value.</summary>
        public TemplateValue Constant => constant;

        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            value = constant;
            return run.Step(Offset);
        }
    }

    /// <summary>The dot.</summary>
    public sealed class DotValue(int offset) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            value = run.Dot;
            return run.Step(Offset);
        }
    }

    /// <summary>A variable.</summary>
    public sealed class Variable(int offset, int index) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            value = run[index];
            return run.Step(Offset);
        }
    }

    /// <summary>A field of an object, or the value of a map's key.</summary>
    public sealed class Member(int offset, TemplateExpression owner, string name) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            if (!owner.TryEvaluate(run, out TemplateValue of) || !run.Step(Offset))
            {
                value = default;
                return false;
            }

            switch (of.Kind)
            {
                case TemplateKind.Object:
                    return of.Object.TryGet(name, out value) || run.Fail(Offset, $"there is no field '{name}' here");
                case TemplateKind.Map:
                    of.Map.TryGet(name, out value);
                    return true;
                default:
                    value = default;
                    return run.Fail(Offset, $"'.{name}' is asked of a value that has no fields: {of.TypeName}");
            }
        }
    }

    /// <summary>A method with the text it was written with.</summary>
    public sealed class Method(int offset, TemplateExpression owner, string name, string argument) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            value = default;
            return owner.TryEvaluate(run, out TemplateValue of)
                && run.Step(Offset)
                && ((of.Kind == TemplateKind.Object && of.Object.TryCall(name, argument, out value)) || run.Fail(Offset, $"there is no method '{name}' here"));
        }
    }

    /// <summary>A function and its arguments.</summary>
    public sealed class Call(int offset, TemplateFunction function, TemplateExpression[] arguments) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            value = default;
            if (!run.Step(Offset))
            {
                return false;
            }

            if (arguments.Length < function.LeastArguments || arguments.Length > function.MostArguments)
            {
                return run.Fail(Offset, $"'{function.Name}' takes {function.Arguments}, not {arguments.Length}");
            }

            // A large list of arguments is rare, and the reference type in the value keeps it from the stack.
            TemplateValue[] values = new TemplateValue[arguments.Length];
            for (int i = 0; i < values.Length; i++)
            {
                if (!arguments[i].TryEvaluate(run, out values[i]))
                {
                    return false;
                }
            }

            return function.Invoke(run, values, out value) is not { } error || run.Fail(Offset, $"{function.Name}: {error}");
        }
    }

    /// <summary><c>and</c> and <c>or</c>, which look at their arguments only as far as they have to.</summary>
    public sealed class Choice(int offset, bool stopsAt, TemplateExpression[] arguments) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            value = default;
            if (!run.Step(Offset))
            {
                return false;
            }

            if (arguments.Length == 0)
            {
                return run.Fail(Offset, $"'{(stopsAt ? "or" : "and")}' takes at least 1 argument(s), not 0");
            }

            foreach (TemplateExpression argument in arguments)
            {
                if (!argument.TryEvaluate(run, out value))
                {
                    return false;
                }

                if (value.IsTrue == stopsAt)
                {
                    return true;
                }
            }

            return true;
        }
    }

    /// <summary>A value that becomes a variable's before it is used.</summary>
    public sealed class Assignment(int offset, int variable, TemplateExpression from) : TemplateExpression(offset)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(TemplateRun run, out TemplateValue value)
        {
            if (!from.TryEvaluate(run, out value))
            {
                return false;
            }

            run[variable] = value;
            return true;
        }
    }
}
