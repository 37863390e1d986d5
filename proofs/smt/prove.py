"""Proves that two electors never lead at once, for all delays: `python prove.py [short|release]`."""
import sys, time
from dataclasses import replace
from fractions import Fraction
from z3 import And, Not, Or, Solver, sat, unsat, unknown, is_true
import world as W, invariant as I
from world import Setting

def run(setting, maxbad=5, rows=W.P.ROWS, drop=()):
    t0=time.process_time()
    w=W.world(setting)
    inv={n:c for n,c in I.clauses(setting,w).items() if n not in drop}
    s=Solver(); s.set('timeout',60000); s.add(And(list(inv.values())))
    s.push(); s.add(Not(I.mutual_exclusion(w))); print('mutex',s.check()); s.pop()
    bad=0
    for st in W.steps(setting,w,rows):
        post=I.clauses(setting,st.after)
        s.push(); s.add(st.guard)
        t1=time.process_time()
        en=s.check()
        s.add(Not(And(list(post.values()))))
        r=s.check()
        if r==sat:
            m=s.model()
            print('  ',st.name,'FAILS',[n for n,c in post.items() if not is_true(m.eval(c,True))])
            if '-v' in sys.argv and any(x in st.name for x in sys.argv[2:]):
                print(sorted((str(d),str(m[d])) for d in m.decls()))
            bad+=1
        elif r==unknown or en!=sat: print('  ',st.name,'enabled',en,'result',r)
        if time.process_time()-t1>1: print('     slow',st.name,round(time.process_time()-t1,1))
        s.pop()
        if bad>=maxbad: break
    print('done',bad,round(time.process_time()-t0,1),flush=True)
if __name__=='__main__':
    run(Setting(((15,10),(15,10)),Fraction(1,5)),maxbad=30)
    run(Setting(((15,10),)*3,Fraction(1,5),True,15),maxbad=30)
