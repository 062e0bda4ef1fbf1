import ai.timefold.solver.core.api.domain.common.PlanningId;
import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.variable.InverseRelationShadowVariable;

/** One role to place: where, between which seconds it may begin, for how long, and what leaving it out costs. */
@PlanningEntity
public class Stop {
    @PlanningId
    private int number;
    int place;
    int kind;
    long lowS;
    long highS;
    long careS;
    long load;
    long priceS;

    @InverseRelationShadowVariable(sourceVariableName = "stops")
    private Carer carer;

    public Stop() {
    }

    Stop(int number) {
        this.number = number;
    }

    public int getNumber() {
        return number;
    }

    public Carer getCarer() {
        return carer;
    }

    public void setCarer(Carer carer) {
        this.carer = carer;
    }
}
